import { createLiveClient } from "../clients/shared/live";
import { credentialsOf } from "../clients/shared/page";
import { accessToken, httpUrl, isLoggedIn, onSession, saveSession, type Session } from "../clients/shared/session";

/** Counters in the order in which they are shown, with their titles. */
const titles = {
  running: "Running",
  suspended: "Suspended",
  failed: "Stopped by an incident",
  startedToday: "Started today",
  completedToday: "Completed today",
  rejectedToday: "Rejected today",
  cancelledToday: "Canceled today",
  openTasks: "Open tasks",
  claimedTasks: "Claimed tasks",
  overdueTasks: "Overdue tasks",
} as const;

type Dashboard = Readonly<Record<keyof typeof titles, number | null>> & {
  readonly states: readonly {
    readonly definitionKey: string;
    readonly state: string;
    readonly running: number;
    readonly suspended: number;
    readonly failed: number;
  }[];
};

const counters = `${Object.keys(titles).join(" ")} states { definitionKey state running suspended failed }`;
const loginMutation = "mutation ($input: LoginInput!) { login(input: $input) { accessToken accessTokenExpiresAt refreshToken } }";
// `liveCursor` is the position before the counters were read: changes since then are sent first.
const dashboardQuery = `{ liveCursor dashboard { ${counters} } }`;
// The live client replaces `after` by the cursor of the last counters when it reconnects.
const dashboardSubscription = `subscription ($after: String) { dashboard(after: $after) { cursor ${counters} } }`;

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

function show({ states, ...numbers }: Dashboard): void {
  element("counters").replaceChildren(
    ...Object.entries(titles).map(([name, title]) => {
      const [box, term, number] = [document.createElement("div"), document.createElement("dt"), document.createElement("dd")];
      term.textContent = title;
      number.id = name;
      // Null: you cannot see tasks.
      number.textContent = String(numbers[name as keyof typeof titles] ?? "–");
      box.append(term, number);
      return box;
    }),
  );
  element("states").replaceChildren(
    ...states.map(({ definitionKey, state, running, suspended, failed }) => {
      const row = document.createElement("tr");
      for (const text of [definitionKey, state, running + suspended + failed]) row.insertCell().textContent = String(text);
      return row;
    }),
  );
}

async function send<Data>(query: string, variables: object, token: string | null): Promise<Data> {
  const headers = { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(httpUrl, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  const [error] = errors ?? [];
  if (error !== undefined || data === undefined) throw new Error(error?.message ?? "Weft gave no answer.");
  return data;
}

const fail = (problem: unknown): void => {
  element("problem").textContent = problem instanceof Error ? problem.message : String(problem);
};

let stop = (): void => {};

/** Shows the counters, and then each change. */
async function open(): Promise<void> {
  const { dashboard, liveCursor } = await send<{ dashboard: Dashboard; liveCursor: string | null }>(
    dashboardQuery,
    {},
    await accessToken(),
  );
  show(dashboard);
  const client = createLiveClient();
  client.subscribe<{ dashboard: Dashboard }>(
    { query: dashboardSubscription, variables: { after: liveCursor } },
    {
      next: ({ data }) => {
        if (data) show(data.dashboard);
      },
      error: fail,
      complete: () => {},
    },
  );
  stop = () => void client.dispose();
}

const form = element<HTMLFormElement>("login");
form.onsubmit = (event) => {
  event.preventDefault();
  fail("");
  send<{ login: Session }>(loginMutation, { input: credentialsOf(new FormData(form)) }, null)
    .then(({ login }) => saveSession(login))
    .catch(fail);
};

let isOpen = false;
function followSession(): void {
  form.hidden = isLoggedIn();
  if (isLoggedIn() === isOpen) return;
  isOpen = !isOpen;
  if (isOpen) open().catch(fail);
  else stop();
}
onSession(followSession);
followSession();
