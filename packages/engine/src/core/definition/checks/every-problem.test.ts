import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { parseDefinition } from "../../document/parse.js";

/** Each line has one mistake, which the comment names. The rest of the definition is valid. */
const text = `weft: 1
key: wrong
name: Wrong
color: blue                                     # UNKNOWN_KEY color
data:
  properties:
    amount: { type: number }
    people: { type: array, items: { type: string } }
index: [amout]                                   # UNKNOWN_PATH index[0]
forms:
  ask:
    fields:
      note: { type: text, in: data }             # UNKNOWN_PATH forms.ask.fields.note.in
      why: { type: text, visible: "input.not == 'x'" } # UNKNOWN_PATH forms.ask.fields.why.visible
initial: draft
states:
  draft:
    tasks:
      look: { title: "Look at {{ data.amuont }}", candidates: { roles: [clerk] } } # BAD_TEMPLATE states.draft.tasks.look.title
      late: { title: Late, due: P2X, candidates: { roles: [clerk] } } # BAD_VALUE states.draft.tasks.late.due
      none: { title: None }                      # MISSING states.draft.tasks.none.candidates
      each: { title: Each, for: data.amount }    # UNKNOWN_PATH states.draft.tasks.each.for
      pick: { title: Pick, candidates: { from: data.persons } } # UNKNOWN_PATH states.draft.tasks.pick.candidates.from
    transitions:
      submit: { to: check, allow: { roles: [manger] } } # UNKNOWN_ROLE states.draft.transitions.submit.allow.roles[0]
      again: { to: reveiw }                      # UNKNOWN_STATE states.draft.transitions.again.to
      when: { to: check, when: "data.amount > 'x'" } # BAD_CONDITION states.draft.transitions.when.when
      parse: { to: check, when: "data.amount >" } # BAD_CONDITION states.draft.transitions.parse.when
      form: { to: check, form: aks }             # UNKNOWN_FORM states.draft.transitions.form.form
      step: { to: check, allow: { notSameAs: draft.sumbit } } # BAD_VALUE states.draft.transitions.step.allow.notSameAs
      may: { to: check, allow: { permissions: [request.aprove] } } # UNKNOWN_PERMISSION states.draft.transitions.may.allow.permissions[0]
      round: { to: spin }
      fall: { to: trap }
  check:
    transitions:
      big: { to: review, auto: true, when: data.amount > 10 }
      huge: { to: done, auto: true, when: data.amount > 99 } # NEVER_FIRES states.check.transitions.huge.when
      asks: { to: done, auto: true, comment: required } # BAD_VALUE states.check.transitions.asks.comment
  review:
    tasks: { sign: { title: Sign, count: 3, candidates: { roles: [clerk] } } }
    decide: { approve: 2, reject: 2, maybe: 1 }  # BAD_VALUE states.review.decide.maybe
    transitions: { approve: { to: parts }, reject: { to: done } }
  parts:
    children: { part: { definition: Part } }     # BAD_VALUE states.parts.children.part.definition
    join: { then: joind }                        # BAD_VALUE states.parts.join.then
    transitions: { joined: { to: done } }
  spin: { transitions: { on: { to: whirl, auto: true }, out: { to: done } } } # AUTOMATIC_LOOP states.spin
  whirl: { transitions: { on: { to: spin, auto: true } } }
  lost: { transitions: { out: { to: done } } }   # UNREACHABLE_STATE states.lost
  trap: { transitions: { on: { to: trap } } }    # DEAD_END states.trap
  done: { final: completed }
scenarios:
  - name: Wrong
    steps: [{ fire: sumbit }]                    # BAD_VALUE scenarios[0].steps[0].fire
    expect: { state: dome }                      # UNKNOWN_STATE scenarios[0].expect.state
`;

test("all mistakes of a definition are reported at once, each with its code, path and line", () => {
  const { document, problems, locate } = parseDefinition(text);
  expect(problems).toEqual([]);
  const result = compile(document, { locate, knownRoles: ["clerk", "manager"], knownPermissions: ["request.approve"] });
  const found = result.ok ? [] : result.problems.map(({ code, path, line }) => `${line} ${code} ${path}`);
  const expected = text.split("\n").flatMap((line, index) => {
    const [, comment] = /# ([A-Z_]+ \S+)$/.exec(line) ?? [];
    return comment === undefined ? [] : [`${index + 1} ${comment}`];
  });
  expect(found.toSorted()).toEqual(expected.toSorted());
});
