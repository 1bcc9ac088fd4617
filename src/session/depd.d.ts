// The one function of depd, which carries no types of its own.
declare module 'depd' {
  /** Says once per place of use that something is out of date. */
  export default function depd(namespace: string): (message: string) => void
}
