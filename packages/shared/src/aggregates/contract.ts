import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

const ofContract = { related: ["vendor", "instance"], visibility: "subject" } as const;

export const contract = {
  types: { contract: { prefix: "ctr", typeName: "Contract", table: "vendors.contracts", role: "entity" } },
  permissions: {
    "contract.read": "View contracts.",
    "contract.create": "Create contracts.",
    "contract.update": "Change and delete contracts, and record their obligations and costs.",
    "contract.sign": "Submit, renew, and terminate contracts.",
  },
  isChangedByOperators: true,
  events: {
    "contract.created": { ...ofContract, payload: z.strictObject({ number: z.string().optional(), title: z.string().optional() }) },
    "contract.updated": { ...ofContract, payload: changed },
    "contract.deleted": ofContract,
    "contract.restored": ofContract,
    /** A new version was created as a draft. */
    "contract.version_created": { ...ofContract, payload: z.strictObject({ number: z.int() }) },
    /** The approval of the version has started. */
    "contract.submitted": { ...ofContract, payload: z.strictObject({ number: z.int() }) },
    /** The version was approved, and is in force from now on. `hash`: SHA-256 of its content. */
    "contract.signed": { ...ofContract, payload: z.strictObject({ number: z.int(), hash: z.string() }) },
    /** Its first day has come. */
    "contract.activated": ofContract,
    /** The last day for a notice is in `days` days. Once for each threshold and last day. */
    "contract.expiring": {
      ...ofContract,
      payload: z.strictObject({
        number: z.string(),
        title: z.string(),
        ownerId: z.uuid(),
        endsOn: z.iso.date(),
        noticeBy: z.iso.date(),
        days: z.int(),
      }),
    },
    /** It was extended automatically, by a version that was signed with the earlier one. */
    "contract.renewed": { ...ofContract, payload: z.strictObject({ number: z.int(), endsOn: z.iso.date(), hash: z.string() }) },
    /** Its last day is over. */
    "contract.expired": ofContract,
    "contract.terminated": ofContract,
    /** The approval has ended without a signature. The version is a draft again. */
    "contract.refused": { ...ofContract, payload: z.strictObject({ number: z.int() }) },
  },
} as const satisfies Aggregate;
