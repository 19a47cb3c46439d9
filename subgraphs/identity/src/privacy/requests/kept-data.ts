import type { ErasureKind } from "@weft/platform/erasure";

const always = [
  "Audit entries stay, so that the chain can be verified. Personal values in them can no longer be read, because the key of the person is destroyed.",
  "IDs of the person stay: they say that the same person acted, and nothing about the person.",
  "Data of requests and other objects stays, such as form values and titles, because it belongs to the organization. Names that somebody typed there are not found.",
  "What steps, agents and integrations have processed stays until it is deleted by age, such as logs, inputs and outputs, and so does mail to others.",
  "Compliance reports stay until they are deleted by age, because they are evidence of one moment. They can contain the person's name.",
  "Files of contracts, documents of vendors, buildings, assets and maintenance plans stay with their names, whoever has uploaded them, and so do exports that are attached to an object.",
  "Files of requests that a legal hold covers stay.",
  "Saved views that are shared stay with their names and filters, because others use them.",
  "Reasons of open legal holds stay, because they say what must not be erased.",
  "Copies of names and addresses that others in the organization have, too, stay where others are named, because they can be about them.",
  "Reasons that others gave stay readable in the audit trail, such as that of the privacy request. Do not write names there.",
  "Other accounts of the same person stay: those in other organizations, and a contact of a vendor with the same email address.",
  "Backups keep the data until they expire. After a restore, `weft privacy reapply` erases the person again.",
];

/** Returns what an erasure does not change, and why, for users who decide on it. */
export const keptData = (kind: ErasureKind): string[] =>
  kind === "ERASE"
    ? [...always]
    : [
        ...always,
        "Comments, reasons, notes and files that the person has written or uploaded stay, because others need them. They can contain the person's name.",
      ];
