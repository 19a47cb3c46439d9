import { attachText, uploadText } from "../../files/upload-file.js";
import type { Cases } from "./case.js";

let size = 10;

/** Cases of files and attachments. */
export const fileCases: Cases = {
  mutations: {
    createUpload: { input: async () => ({ name: "notes.txt", size: size++, type: "text/plain" }) },
    attachFile: {
      as: "operations",
      input: async ({ buildingId }, actor) => ({ fileId: await uploadText(actor), objectId: buildingId }),
      ids: { fileId: "input", objectId: "object" },
      types: { objectId: ["request", "asset", "maintenancePlan", "task", "contract"] },
    },
    deleteAttachment: {
      as: "operations",
      input: async ({ buildingId }, actor) => ({ id: (await attachText(actor, { objectId: buildingId })).id }),
    },
  },
};
