import { uploadText } from "../files/upload-file.js";
import type { IdempotencyCases } from "./case.js";

/** Cases of imports. */
export const importCases: IdempotencyCases = {
  createImport: {
    who: ({ acme }) => acme.admin,
    selection: "import { id list }",
    inputs: async ({ acme }) => {
      const fileId = await uploadText(acme.admin, { text: "code,name\nA,B\n" });
      return { input: { fileId, list: "BUILDINGS" }, other: { fileId, list: "ASSETS" } };
    },
  },
};
