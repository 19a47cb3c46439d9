/** A workflow without data or tasks that its owner swings to and fro, for live events. */
export const plainPendulum = `
weft: 1
key: pendulum
name: Pendulum
data: { type: object, properties: {} }
initial: left
states:
  left: { transitions: { swing: { to: right, allow: { owner: true } }, stop: { to: stopped, allow: { owner: true } } } }
  right: { transitions: { swing: { to: left, allow: { owner: true } } } }
  stopped: { final: completed }
`;
