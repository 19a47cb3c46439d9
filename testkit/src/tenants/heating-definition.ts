import type { MaintenanceTenant } from "./maintenance-tenant.js";

/** Definition of another request type than that of the maintenance tenant. Both have the field `summary`. */
export const heatingDefinition = `weft: 1
key: heating
name: Heating
data:
  type: object
  properties:
    summary: { type: string }
    radiator: { type: string }
  required: [summary, radiator]
slas: { repair: { target: 8 working hours } }
initial: reported
states:
  reported: { transitions: { send: { to: open }, drop: { to: dropped } } }
  open: { transitions: { fix: { to: fixed } } }
  fixed: { final: completed }
  dropped: { final: cancelled }
`;

/** Creates a request type of the definition, with the key `heating`. @param more further members of its input */
export async function newHeatingType({ tenant, admin }: Pick<MaintenanceTenant, "tenant" | "admin">, more: object = {}): Promise<void> {
  await tenant.definition(heatingDefinition);
  await admin.run("mutation ($input: CreateRequestTypeInput!) { createRequestType(input: $input) { requestType { id } } }", {
    input: {
      key: "heating",
      name: "Heating",
      definitionKey: "heating",
      numberPrefix: "HT",
      fields: ["summary", "radiator"],
      submitTransition: "send",
      cancelTransition: "drop",
      ...more,
    },
  });
}
