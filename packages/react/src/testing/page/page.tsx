// The page of the browser tests. The URL says what it shows: `?weft=http://127.0.0.1:4000&view=task&id=tsk_…`.
import { createWeftClient, NetworkError, type JsonObject } from "@weft/client";
import { StrictMode, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import {
  ErrorMessage,
  FileDrop,
  formFields,
  historyFields,
  SignedIn,
  SignedOut,
  SlaClock,
  Timeline,
  TransitionButtons,
  useAction,
  useLive,
  useLiveQuery,
  useSession,
  useTask,
  useTransitions,
  useWeft,
  WeftForm,
  WeftProvider,
  type FormDescription,
  type HistoryEntry,
  type TransitionDraft,
  type TransitionDrafts,
} from "../../index.js";

const given = new URLSearchParams(location.search);
const id = given.get("id") ?? "";
// What the tests count.
const sent: string[] = [];
const sockets = new Set<WebSocket>();
class CountedSocket extends WebSocket {
  override send(message: string): void {
    sent.push(message);
    sockets.add(this);
    super.send(message);
  }
}
const posted: string[] = [];
const countedFetch = (url: string, init: RequestInit): Promise<Response> => {
  if (typeof init.body === "string") posted.push(init.body);
  return fetch(url, init);
};
const client = createWeftClient({ url: given.get("weft") ?? "", retryForMs: 2_000, webSocket: CountedSocket, fetch: countedFetch });
Object.assign(globalThis, { sent, sockets, posted });

function Login(): ReactNode {
  const { session } = useWeft();
  const [problem, setProblem] = useState("");
  const logIn = async (form: HTMLFormElement): Promise<void> => {
    const data = new FormData(form);
    const [login, password] = ["login", "password"].map((name) => data.get(name) as string);
    try {
      await session.logIn({ login: login ?? "", password: password ?? "" });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      id="login"
      onSubmit={(event) => {
        event.preventDefault();
        void logIn(event.currentTarget);
      }}
    >
      <input name="login" aria-label="Login" />
      <input name="password" type="password" aria-label="Password" />
      <button type="submit">Log in</button>
      {problem !== "" && <p role="alert">{problem}</p>}
    </form>
  );
}

function LogOut(): ReactNode {
  const { session } = useWeft();
  const logOut = async (): Promise<void> => {
    try {
      await session.logOut();
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
    }
  };
  return (
    <button type="button" id="logout" onClick={() => void logOut()}>
      Log out
    </button>
  );
}

interface RequestList {
  readonly requests: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly number: string; readonly state: string } }[];
  } | null;
}
const requestsQuery = "query List($first: Int) { liveCursor requests(first: $first) { edges { node { id number state } } } }";
const requestChanged = "subscription Changed($after: String) { requestChanged(after: $after) { cursor } }";

function Requests(): ReactNode {
  const { data, error, status } = useLiveQuery<RequestList>(requestsQuery, requestChanged, { first: 20 });
  const [statuses] = useState<string[]>([]);
  if (statuses.at(-1) !== status) statuses.push(status);
  return (
    <>
      <p id="status">{status}</p>
      <p id="statuses">{statuses.join(" ")}</p>
      <ErrorMessage error={error} />
      <ul id="list">
        {data?.requests?.edges.map(({ node }) => (
          <li key={node.id}>
            {node.number}: {node.state}
          </li>
        ))}
      </ul>
    </>
  );
}

function Events(): ReactNode {
  const { data, status } = useLive(requestChanged);
  return (
    <p id="event">
      {status} {data === null ? "no event" : "an event"}
    </p>
  );
}

function TaskView(): ReactNode {
  const { task, error, status, conflict, claim, release, complete } = useTask(id);
  return (
    <>
      <p id="status">{status}</p>
      <ErrorMessage error={error ?? claim.error ?? release.error} />
      {task && (
        <>
          <h1>{task.title}</h1>
          <p id="task">
            {task.status} {task.assignee?.name ?? "nobody"} {task.instance?.version}
          </p>
          {task.slaStatus && <SlaClock clock={task.slaStatus} />}
          <button type="button" id="claim" onClick={() => void claim.run()}>
            Claim
          </button>
          <button type="button" id="release" onClick={() => void release.run()}>
            Release
          </button>
          <TransitionButtons transitions={task.availableTransitions} action={complete} version={task.instance?.version ?? null} />
        </>
      )}
      {conflict && (
        <p id="conflict" role="alert">
          Changed from version {conflict.before?.instance?.version} to {conflict.now?.instance?.version}
        </p>
      )}
    </>
  );
}

interface Told {
  readonly workflowInstance: { readonly history: readonly HistoryEntry[] } | null;
}
const historyQuery = `query History($id: ID!) { liveCursor workflowInstance(id: $id) { history { ${historyFields} } } }`;
const instanceChanged =
  "subscription Transitioned($id: ID!, $after: String) { workflowTransitioned(instanceId: $id, after: $after) { cursor occurredAt } }";

const drafts: TransitionDrafts = {
  read: (transition) => JSON.parse(sessionStorage.getItem(transition) ?? "null") as TransitionDraft | null,
  keep: (transition, draft) => sessionStorage.setItem(transition, JSON.stringify(draft)),
};

function InstanceView(): ReactNode {
  const { instance, transitions, fire, error, status } = useTransitions(id);
  const history = useLiveQuery<Told>(historyQuery, instanceChanged, { id });
  const entries = history.data?.workflowInstance?.history ?? [];
  return (
    <>
      <p id="status">{status}</p>
      <ErrorMessage error={error} />
      <h1>{instance?.stateTitle}</h1>
      <TransitionButtons transitions={transitions} action={fire} version={instance?.version ?? null} drafts={drafts} />
      <p id="count">{entries.length}</p>
      <Timeline entries={entries} pageSize={2} />
    </>
  );
}

const createTeam = "mutation CreateTeam($input: CreateTeamInput!) { createTeam(input: $input) { team { id name } } }";

function Files(): ReactNode {
  const [uploaded, setUploaded] = useState<readonly string[]>([]);
  const { run, isPending, error } = useAction<JsonObject, JsonObject>(createTeam);
  return (
    <>
      <FileDrop label="Photos" accept={["image/png"]} onUploaded={(file) => setUploaded((before) => [...before, file.id])} />
      <p id="uploaded">{uploaded.join(" ")}</p>
      <button type="button" id="team" onClick={() => void run({ input: { key: "field", name: "Field" } })}>
        {isPending ? "Creating" : "Create a team"}
      </button>
      <ErrorMessage error={error} />
    </>
  );
}

interface FormOfType {
  readonly requestType: { readonly form: FormDescription | null } | null;
}
const formQuery = `query FormOfType($id: ID!) { liveCursor requestType(id: $id) { form { ${formFields} } } }`;
interface Created {
  readonly createRequest: { readonly request: { readonly number: string } };
}
const createRequest = "mutation Create($input: CreateRequestInput!) { createRequest(input: $input) { request { number } } }";

function NewRequest(): ReactNode {
  const { data } = useLiveQuery<FormOfType>(formQuery, requestChanged, { id });
  const { run, error, data: created } = useAction<Created, { readonly input: object }>(createRequest);
  const form = data?.requestType?.form;
  return (
    <>
      {form && <WeftForm form={form} prefix="input" error={error} onSubmit={(input) => run({ input })} />}
      <p id="created">{created?.createRequest.request.number}</p>
    </>
  );
}

const views: Readonly<Record<string, () => ReactNode>> = {
  events: Events,
  task: TaskView,
  instance: InstanceView,
  files: Files,
  new: NewRequest,
};

function Page(): ReactNode {
  const session = useSession();
  const View = views[given.get("view") ?? ""];
  return (
    <main data-session={session.status}>
      <SignedOut>
        <Login />
      </SignedOut>
      {/* Outside of SignedIn: it must forget by itself. */}
      {!View && <Requests />}
      <SignedIn>
        <LogOut />
        {View && <View />}
      </SignedIn>
    </main>
  );
}

const root = document.querySelector("#root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <WeftProvider client={client}>
        <Page />
      </WeftProvider>
    </StrictMode>,
  );
