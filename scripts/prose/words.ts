/** A pattern that docs, descriptions and messages must not contain. A space in it matches any white space, including line breaks. */
export interface WordRule {
  readonly pattern: RegExp;
  /** Message that says what to write instead. */
  readonly say: string;
}

/**
 * Glossary of the project's language, and the phrases that confuse readers most. A false positive is worse than a miss: if a pattern matches good
 * English, narrow or delete it. Each pattern has cases in words.test.ts.
 */
export const wordRules: readonly WordRule[] = [
  { pattern: /\b(?:he|she|his|hers|her|him|himself|herself)\b(?!\/)/i, say: 'for users, write "they", "their", or repeat the noun' },
  { pattern: /\bwho may\b/i, say: 'write "users who can", or "who can"' },
  {
    pattern: /\b(?:is|are|was|as|place of|shown to|given to|away from) who\b(?! is\b)/i,
    say: '"who" is not a noun: write "the user who" or "users who"',
  },
  {
    pattern: /(?:^|[.;:] )Who [a-z][^?.]*\.(?= |$)/,
    say: 'a sentence does not start with "Who" unless it is a question: write "Users who …" or "If you …"',
  },
  { pattern: /\b(?:anybody|everybody|nobody|somebody|everyone|anyone) may\b/i, say: 'write "can"' },
  {
    pattern:
      /(?<!\bthere )\b(?:is|are|was) no (?:valid |whole |refresh |trusted )?(?:address|cursor|date|deadline|definition|duration|e-?mail|field|form|id|json|key|list|member|name|number|object|operator|permission|point in time|proxy|role|setting|state|text|time|token|url|user|value|version|yaml)s?\b/i,
    say: 'write "is not a …", or "is not a valid …"',
  },
  { pattern: /\bshall\b/i, say: 'write "should", "must" or "will"' },
  { pattern: /\bin(?: the)? (?:place|stead) of\b/i, say: 'write "instead of"' },
  { pattern: /\b(?:dear|dearer|dearest)\b/i, say: 'of cost, write "expensive"' },
  { pattern: /\b(?:cheap|cheaper|cheapest|cheaply)\b/i, say: 'of cost, write "inexpensive" or "fast"' },
  { pattern: /\bmend(?:s|ed|ing)?\b/i, say: 'write "fix"' },
  { pattern: /\banew\b/i, say: 'write "again", or "start over"' },
  { pattern: /\bbesides?\b/i, say: 'write "alongside", "next to", "in addition to" or "other than"' },
  { pattern: /\b(?:is|are|was|be|been|when|if|what) left out\b/i, say: 'write "omitted"' },
  { pattern: /\b(?:nothing|something) (?:else )?is said\b/i, say: 'write "by default", or "if omitted"' },
  { pattern: /\bcame to be\b|\bcomes to be\b/i, say: 'write "creation time", or "is created"' },
  { pattern: /\bone more (?:with|at) (?:each|every)\b/i, say: 'write "incremented on every …"' },
  {
    pattern: /\bstand-ins?\b|\b(?:stands?|standing|stood) in for\b|\bwho (?:stands?|stood) in\b(?= ?[,.;:]| for\b|$)/i,
    say: 'write "substitute"',
  },
  { pattern: /\bgo(?:es|ing)? on\b(?! (?:strike|holiday|vacation|leave|call)\b)/i, say: 'write "continue" or "resume"' },
  { pattern: /\b(?:hand|hands|handed|handing) (?:it |them )?on\b/i, say: 'write "pass on", "reassign" or "delegate"' },
  { pattern: /\bgiv(?:e|es|en|ing) (?:it|them|tasks|anything) on\b/i, say: 'write "reassign" or "delegate"' },
  { pattern: /\bremarks?\b(?!-)/i, say: 'write "comment"' },
  { pattern: /(?<!\bin[ -])\bflights?\b/i, say: 'write "batch"' },
  { pattern: /\bticks\b|\bticked\b/i, say: 'of checklists, write "checklist items" or "checks"' },
  { pattern: /\b(?:a|each|every|per|this|one|its) moves?\b/i, say: 'of a workflow, write "transition"' },
  { pattern: /\bworkmates?\b/i, say: 'write "team member"' },
  { pattern: /\bverdicts?\b/i, say: 'write "decision"' },
  { pattern: /\bimagined (?:people|person|persons|users?)\b|\bare imagined\b/i, say: 'write "simulated user"' },
  { pattern: /\bfamil(?:y|ies)\b/i, say: 'of workflows, write "hierarchy" or "child instances"' },
  { pattern: /\bpath taken\b|\bway taken\b/i, say: 'write "history" or "path"' },
  {
    pattern: /\b(?:whosoever|thereof|therein|wherein|whereof|hereby|herewith|thereupon|whilst|amongst|hitherto|henceforth|forthwith)\b/i,
    say: "use a plain word",
  },
  { pattern: /\b(the|a|an|of|to|and|is|are|in|on|for|with|it|be|or|by) \1\b/i, say: "the word is repeated" },
];
