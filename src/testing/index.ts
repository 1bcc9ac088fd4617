/**
 * What `import … from 'catamaran/testing'` gives: this list, kept by hand.
 */
export { type Browser, type TestApp, testApp } from './app.ts'
export { type OpenedStore, storeContract, type TestRunner } from './store-contract.ts'
