/**
 * What `import … from 'catamaran/testing'` gives: this list, kept by hand.
 */
export { type TestApp, type TestOptions, testApp } from './app.ts'
export type { Ack, Answer, Browser } from './browser.ts'
export type { TestClock } from './clock.ts'
export { type TestNodes, testNodes } from './nodes.ts'
export { type OpenedStore, storeContract, type TestRunner } from './store-contract.ts'
