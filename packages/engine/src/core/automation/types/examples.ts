/** An example of each built-in step type for the reference. A test compiles and simulates each of them. */
export const STEP_EXAMPLES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    assert: `- id: check-version
  type: assert
  with:
    that: '{{ inputs.version != "v0.0.0" }}'
    message: "{{ inputs.version }} is not a release."`,
    set: `- id: names
  type: set
  with:
    values:
      image: "registry.example.com/app:{{ inputs.version }}"`,
    http: `- id: deploy
  type: http
  with:
    url: "https://deploy.example.com/releases/{{ inputs.version }}"
    method: POST
    headers: { authorization: "Bearer {{ secrets.deploy-token }}" }
    body: { version: "{{ inputs.version }}" }
    expect: [201, 409]
  retry: { attempts: 5, delay: 10s }`,
    graphql: `- id: request
  type: graphql
  with:
    query: "query ($id: ID!) { request(id: $id) { title } }"
    variables: { id: "{{ inputs.request }}" }`,
    emit: `- id: tell-others
  type: emit
  with:
    type: release.deployed
    payload: { version: "{{ inputs.version }}" }`,
    notify: `- id: tell-owner
  type: notify
  with:
    to: [owner]
    title: "{{ inputs.version }} is deployed"`,
    task: `- id: approve
  type: task
  with:
    title: "Approve {{ inputs.version }}"
    roles: [approver]
    outcomes: [approve, reject]`,
    wait: `- id: cool-down
  type: wait
  with: { for: 10m }`,
    workflow: `- id: roll-out
  type: workflow
  with:
    key: roll-out
    inputs: { version: "{{ inputs.version }}" }`,
    script: `- id: run-tests
  type: script
  with:
    command: [npm, test, --, "--release={{ inputs.version }}"]
    expect: [0, 1]
  timeout: 10m`,
    shell: `- id: count-files
  type: shell
  with:
    run: ls -1 "$FOLDER" | wc -l
    env: { FOLDER: "{{ inputs.version }}" }`,
    agent: `- id: summarize
  type: agent
  with:
    agent: release-writer
    prompt: "Summarize the changes of {{ inputs.version }}."`,
    worker: `- id: sign-build
  type: worker
  with:
    task: sign-build
    input: { version: "{{ inputs.version }}" }
  timeout: 10m
  retry: { attempts: 3, delay: 10s }`,
  }),
);
