/**
 * Frees the memory of bytes at once, instead of at the next garbage collection. Bytes of the network are large and outside of the heap, so that tens of
 * megabytes of them can wait for a collection. The bytes must not be used afterwards. Does nothing to a part of a larger memory, which others can use.
 */
export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
