/**
 * Measures time on a machine that others use too: what this process waited for a processor is not counted,
 * what it spent on one is.
 */

/** **Milliseconds** between two looks. */
const step = 10

/** Starts; calling what it gives stops it and gives the **milliseconds**. */
export function startWatch(): () => number {
  const started = performance.now()
  let last = started
  let cpu = process.cpuUsage()
  let starved = 0

  function look(): void {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    // Late for a timer, and not because of its own work.
    starved += Math.max(0, now - last - step - (user + system) / 1000)
    last = now
    cpu = process.cpuUsage()
  }

  const timer = setInterval(look, step)
  return () => {
    clearInterval(timer)
    look()
    return last - started - starved
  }
}
