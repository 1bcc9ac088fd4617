/**
 * A class that is made when it is first used, for those whose base takes long to load.
 */

/** What a class needs to be here: something `new` can be said to. */
type AnyClass = abstract new (...options: never) => object

/** Stands for the class that `make` gives: `new`, `extends`, `instanceof` and static members all reach it. */
export function lazyClass<T extends AnyClass>(make: () => T): T {
  let made: T | undefined
  const real = () => {
    made ??= make()
    return made
  }
  // A function, since the `prototype` of one may be answered otherwise than it is.
  const stand: T = new Proxy(function later() {} as unknown as T, {
    construct: (_, options, target) =>
      Reflect.construct(real() as never, options, target === stand ? real() : target),
    get: (_, name) => Reflect.get(real(), name),
    set: (_, name, value) => Reflect.set(real(), name, value),
    has: (_, name) => Reflect.has(real(), name),
  })
  return stand
}
