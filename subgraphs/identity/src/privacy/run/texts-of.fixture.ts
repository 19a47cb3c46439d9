/** Returns the texts of a ZIP file that is not compressed, by name. Its last part lists what it contains. */
export function textsOf(zip: Buffer): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (let at = zip.indexOf("PK\u0001\u0002", 0, "latin1"); zip.toString("latin1", at, at + 4) === "PK\u0001\u0002";) {
    const [size, nameLength, offset] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt32LE(at + 42)];
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    texts.set(zip.toString("utf8", at + 46, at + 46 + nameLength), zip.toString("utf8", start, start + size));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return texts;
}
