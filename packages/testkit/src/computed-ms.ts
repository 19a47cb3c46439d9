/** Milliseconds of computing of this thread so far: what else the machine does in the meantime is not counted. */
export function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
