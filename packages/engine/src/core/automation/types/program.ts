/** The schema that `script` and `shell` share. Both run in the sandbox of the security profile. */
export const programInput = {
  env: {
    type: "object",
    additionalProperties: { type: "string", maxLength: 32_768 },
    description: "The whole environment of the program.",
  },
  stdin: { type: "string", maxLength: 262_144 },
  files: {
    type: "object",
    additionalProperties: { type: "string", maxLength: 262_144 },
    description: "Files of the workspace by relative path, written before the program starts.",
  },
  expect: {
    type: "array",
    maxItems: 50,
    items: { type: "integer", minimum: 0, maximum: 255 },
    description: "Exit codes that are no error; [0] if omitted.",
  },
  network: {
    type: "boolean",
    description: "Whether the program reaches the hosts that the security profile lists, by the proxy of its sandbox.",
  },
};

export const programOutputs = {
  exit_code: { type: "integer" },
  stdout: { type: "string" },
  stderr: { type: "string" },
  json: { description: "The value, if the standard output is JSON." },
};

export const PROGRAM_SECRETS = ["env", "stdin", "files"];
