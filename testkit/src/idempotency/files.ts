import { uploadText } from "../files/upload-file.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of files and attachments. */
export const fileCases: IdempotencyCases = {
  createUpload: {
    who: ({ acme }) => acme.requester,
    selection: "file { id name size }",
    inputs: async () => {
      const input = { name: "notes.txt", size: 10 };
      return { input, other: { ...input, size: 11 } };
    },
  },
  attachFile: {
    who: ({ acme }) => acme.operations,
    selection: "attachment { id visibility file { id } }",
    inputs: async ({ acme }) => {
      const input = { fileId: await uploadText(acme.operations), objectId: acme.buildingId, visibility: "INTERNAL" };
      return { input, other: { ...input, visibility: "SHARED" } };
    },
  },
};
