// Loaded into a measured server with `--import`, together with `--expose-gc`. On SIGUSR2 it collects garbage and prints the live memory of JavaScript:
// heap, buffers, and other objects that V8 knows. Resident memory would depend on when V8 collected last.
process.on("SIGUSR2", () => {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  console.log(`live bytes: ${heapUsed + external}`);
});
