import { attachText, uploadText } from "../../files/upload-file.js";
import { byType, type Cases } from "./case.js";

/** Cases of files and attachments. */
export const fileCases: Cases = {
  mutations: {
    createUpload: { input: async () => ({ name: "notes.txt", size: 10, type: "text/plain" }), ids: {} },
    attachFile: {
      as: "operations",
      input: async ({ buildingId }, actor) => ({ fileId: await uploadText(actor), objectId: buildingId }),
      ids: { fileId: "input", objectId: "object" },
      types: { objectId: ["request", "asset", "maintenancePlan", "task", "contract"] },
    },
    deleteAttachment: {
      as: "operations",
      input: async ({ buildingId }, actor) => ({ id: (await attachText(actor, { objectId: buildingId })).id }),
      ids: { id: "object" },
    },
  },
  lookups: { "file.id": byType("file") },
};
