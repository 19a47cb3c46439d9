const finalText = 0x81;
const lengthIn16Bits = 126;
const lengthIn64Bits = 127;

/**
 * Returns the header of the WebSocket frame of a text message (RFC 6455, 5.2): final and unmasked, as servers send it.
 * @param bytes length of the text
 */
export function textFrameHeader(bytes: number): Buffer {
  if (bytes < lengthIn16Bits) return Buffer.from([finalText, bytes]);
  if (bytes < 65_536) return Buffer.from([finalText, lengthIn16Bits, bytes >> 8, bytes & 255]);
  const header = Buffer.alloc(10);
  header[0] = finalText;
  header[1] = lengthIn64Bits;
  header.writeBigUInt64BE(BigInt(bytes), 2);
  return header;
}
