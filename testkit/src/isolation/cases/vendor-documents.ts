import { uploadText } from "../../files/upload-file.js";
import { newVendorDocument } from "../../tenants/new-vendor-document.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";

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
    },
    updateVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture), title: "Renamed" }) },
    removeVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture) }) },
    reviewVendorDocument: { input: async (fixture) => ({ id: await newDocument(fixture), decision: "ACCEPT" }) },
    setVendorDocumentRequirements: { input: async () => ({ requirements: [] }) },
  },
  filters: { "vendorDocuments.filter.vendor": ["vendor"] },
};
