import { uploadText } from "../../files/upload-file.js";
import { newVendorDocument } from "../../tenants/new-vendor-document.js";
import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";

const vendorOf = ({ ids }: Fixture): string => ids.get("vendor")?.[0] ?? "";
const newDocument = (fixture: Fixture) => newVendorDocument(fixture.admin, { vendorId: vendorOf(fixture) });

/** Cases of documents of vendors. */
export const vendorDocumentCases: Cases = {
  mutations: {
    addVendorDocument: {
      input: async (fixture, actor) => ({
        vendorId: vendorOf(fixture),
        kind: "TAX",
        title: "A document",
        fileId: await uploadText(actor),
      }),
      ids: { vendorId: "object", fileId: "input" },
    },
    updateVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture), title: "Renamed" }), ids: { id: "object" } },
    removeVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture) }), ids: { id: "object" } },
    reviewVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture), decision: "ACCEPT" }), ids: { id: "object" } },
    setVendorDocumentRequirements: { input: async () => ({ requirements: [] }), ids: {} },
  },
  lookups: { "vendorDocument.id": byType("vendorDocument") },
  filters: { "vendorDocuments.filter.vendor": ["vendor"] },
};
