import { uploadText } from "../../files/upload-file.js";
import { newImport } from "../../tenants/new-import.js";
import { byType, type Cases } from "./case.js";

/** Cases of imports. */
export const importCases: Cases = {
  mutations: {
    createImport: {
      input: async (_fixture, actor) => ({ fileId: await uploadText(actor, { text: "code,name\nA,B\n" }), list: "BUILDINGS" }),
    },
    startImport: { input: async (_fixture, actor) => ({ id: await newImport(actor), mode: "LINE_BY_LINE" }) },
    cancelImport: { input: async (_fixture, actor) => ({ id: await newImport(actor) }) },
  },
  lookups: { "import.id": byType("import"), "importProblems.importId": byType("import") },
};
