/**
 * Returns the milliseconds of processor time that this thread has used. Other load on the machine is not counted, so a busy machine rejects nothing
 * that an idle one accepts.
 */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
