import { vendors as tables } from "@weft/drizzle";
import {
  dateField,
  enumField,
  filterInput,
  idField,
  onlyStaff,
  onlyWith,
  searchField,
  textField,
  timeField,
  wordIn,
} from "@weft/api/filters";
import { orderByInput } from "@weft/api/pages";
import { sql } from "drizzle-orm";
import { ContractKind, ContractStatus } from "./contract.enums.js";
import type { ContractRow } from "./contract.store.js";

const { contracts } = tables;

export const ContractFilter = filterInput("ContractFilter", {
  number: textField(contracts.number, "Number."),
  title: textField(contracts.title, "Title."),
  search: searchField(wordIn(sql`concat_ws(' ', ${contracts.number}, ${contracts.title})`), "Words in the number or the title."),
  kind: enumField("ContractKind", ContractKind, contracts.kind, "What the contract is about."),
  status: enumField("ContractStatus", ContractStatus, contracts.status, "Status."),
  vendor: onlyWith("vendor.read", idField("vendor", contracts.vendorId, "Vendor.")),
  project: onlyWith("project.read", idField("project", contracts.projectId, "Project.")),
  owner: onlyStaff(idField("user", contracts.ownerId, "User who is responsible.")),
  startsOn: dateField(contracts.startsOn, "First day."),
  endsOn: dateField(contracts.endsOn, "Last day."),
  createdAt: timeField(contracts.createdAt, "Creation time."),
});

export const ContractOrder = orderByInput<ContractRow, "TITLE" | "STARTS_ON" | "CREATED_AT">("ContractOrder", {
  TITLE: { column: contracts.title, valueOf: (row) => row.title, description: "By title." },
  STARTS_ON: { column: contracts.startsOn, valueOf: (row) => row.startsOn, description: "By first day." },
  CREATED_AT: { column: contracts.createdAt, valueOf: (row) => row.createdAt, description: "By creation time." },
});
