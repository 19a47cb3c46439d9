/** Milliseconds of processor time that this thread has used. What else the machine does is not counted, so a busy machine refuses nothing that a quiet one answers. */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
