import { expect, test } from "vitest";
import { releaseBytes } from "./release-bytes.js";

test("bytes that have their memory for themselves are freed", () => {
  const bytes = new Uint8Array(65_536);
  const memory = bytes.buffer;
  releaseBytes(bytes);
  expect([memory.detached, bytes.byteLength]).toEqual([true, 0]);
});

test("a part of a larger memory remains, because others can use it", () => {
  const memory = new ArrayBuffer(10);
  const [first, other] = [new Uint8Array(memory, 0, 5), new Uint8Array(memory, 5)];
  releaseBytes(first);
  releaseBytes(other);
  expect([first.byteLength, other.byteLength]).toEqual([5, 5]);
});
