import type { TestUser } from "../test-user.js";

export interface UploadedText {
  readonly name?: string;
  readonly text?: string;
  readonly type?: string;
}

export interface UploadedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Uploads a file as `user`. Returns its ID. */
export async function uploadFile(user: TestUser, { name, type, bytes }: UploadedFile): Promise<string> {
  const { createUpload } = await user.run<{ createUpload: { file: { id: string }; url: string } }>(
    "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } url } }",
    { input: { name, size: bytes.byteLength, type } },
  );
  const response = await fetch(new URL(createUpload.url, user.url), { method: "PUT", body: Uint8Array.from(bytes) });
  if (!response.ok) throw new Error(`The upload was refused with ${response.status}: ${await response.text()}`);
  return createUpload.file.id;
}

let made = 0;

/** Uploads a text file as `user`, with content of its own unless it is given. Returns the ID of the file. */
export const uploadText = (
  user: TestUser,
  { name = "notes.txt", text = `Note ${++made}`, type = "text/plain" }: UploadedText = {},
): Promise<string> => uploadFile(user, { name, type, bytes: Buffer.from(text) });

export interface NewAttachment {
  readonly objectId: string;
  readonly visibility?: "INTERNAL" | "SHARED";
  readonly name?: string;
}

/** Uploads a text file as `user` and attaches it. Returns the IDs of the attachment and the file. */
export async function attachText(
  user: TestUser,
  { objectId, visibility, name }: NewAttachment,
): Promise<{ readonly id: string; readonly fileId: string }> {
  const fileId = await uploadText(user, name === undefined ? {} : { name });
  const { attachFile } = await user.run<{ attachFile: { attachment: { id: string } } }>(
    "mutation ($input: AttachFileInput!) { attachFile(input: $input) { attachment { id } } }",
    { input: { fileId, objectId, visibility } },
  );
  return { id: attachFile.attachment.id, fileId };
}
