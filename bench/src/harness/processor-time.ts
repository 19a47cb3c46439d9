/** Operations in this process, one after the other, until so much processor time is spent. */
export async function perProcessorSecond(operation: () => Promise<void>, forMs: number): Promise<number> {
  const before = process.cpuUsage();
  let done = 0;
  for (;;) {
    // Looking at the clock costs a system call.
    for (let i = 0; i < 20; i++) await operation();
    done += 20;
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    if (seconds * 1000 >= forMs) return done / seconds;
  }
}
