import { credentialsOf } from "../clients/shared/page";
import { weft } from "../clients/shared/weft";

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
// `liveCursor` is the position before the counters were read: changes since then are sent first.
const dashboardQuery = `{ liveCursor dashboard { ${counters} } }`;
// The client resumes after the cursor of the last counters when it reconnects.
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

const fail = (problem: unknown): void => {
  element("problem").textContent = problem instanceof Error ? problem.message : String(problem);
};

let stop = (): void => {};

/** Shows the counters, and then each change. */
async function open(): Promise<void> {
  const { dashboard, liveCursor } = await weft.query<{ dashboard: Dashboard; liveCursor: string | null }>(dashboardQuery);
  show(dashboard);
  stop = weft.subscribe<{ dashboard: Dashboard }>(
    dashboardSubscription,
    { after: liveCursor },
    { next: ({ dashboard: changed }) => show(changed), error: fail },
  );
}

const form = element<HTMLFormElement>("login");
form.onsubmit = (event) => {
  event.preventDefault();
  fail("");
  weft.session.logIn(credentialsOf(new FormData(form))).catch(fail);
};

let isOpen = false;
function followSession(): void {
  const isSignedIn = weft.session.state.status === "signedIn";
  form.hidden = isSignedIn;
  if (isSignedIn === isOpen) return;
  isOpen = isSignedIn;
  if (isOpen) open().catch(fail);
  else stop();
}
weft.session.subscribe(followSession);
followSession();
