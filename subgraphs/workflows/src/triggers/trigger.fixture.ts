/** A parcel that is received, inspected, and reports it. */
export const parcel = `weft: 1
key: parcel
name: Parcel
data:
  type: object
  required: [number]
  properties: { number: { type: string }, weight: { type: number }, urgent: { type: boolean, default: false } }
index: [number]
initial: sent
states:
  sent:
    transitions:
      receive: { to: received, input: { properties: { weight: { type: number } } }, actions: [{ set: { data.weight: input.weight } }] }
      lose: { to: lost }
  received:
    onEntry: [{ emit: { type: parcel.received, payload: { number: data.number, weight: data.weight } } }]
    transitions: { open: { to: opened } }
  opened: { final: completed }
  lost: { final: cancelled }
`;

/** An inspection of a parcel. */
export const inspection = `weft: 1
key: inspection
name: Inspection
data:
  type: object
  required: [parcel]
  properties: { parcel: { type: string }, weight: { type: number, maximum: 1000 }, source: { type: string } }
index: [parcel]
initial: waiting
states:
  waiting:
    transitions: { pass: { to: passed }, fail: { to: failed, allow: { roles: [operations] } }, weigh: { to: passed, when: data.weight > 0 } }
  passed: { final: completed }
  failed: { final: completed }
`;
