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
