/** Properties in the data of workflows, by the kind of the business object, that users of a vendor do not see. */
export const hiddenFromVendors: Readonly<Record<string, readonly string[]>> = {
  project: ["budget"],
  // What the organization notes while it checks a vendor.
  vendor: ["annualSpend", "riskNote", "checkedBy"],
};
