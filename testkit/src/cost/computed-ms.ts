/** Returns the processor time that this thread has used so far, in milliseconds. Other work on the machine is not included. */
export function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
