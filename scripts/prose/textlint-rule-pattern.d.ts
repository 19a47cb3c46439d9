// The package brings no types.
declare module "@textlint-rule/textlint-rule-pattern" {
  import type { TextlintRuleModule } from "@textlint/types";

  const rule: TextlintRuleModule;
  // oxlint-disable-next-line import/no-default-export -- it is theirs
  export default rule;
}
