import type { Request, Transition } from "./types";
import { weft } from "./weft";

export interface Page {
  /** Loads requests and follows them. Called after a login, and at once when the session of an earlier visit is still there. */
  readonly open: (show: (requests: readonly Request[]) => void, fail: (problem: unknown) => void) => void;
  readonly fire: (request: Request, transition: Transition) => Promise<void>;
  /** Called at the end of the session: ends what `open` began, and forgets what it loaded. */
  readonly close: () => void;
}

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

export function startPage({ open, fire, close }: Page): void {
  const form = element<HTMLFormElement>("login");
  const fail = (problem: unknown): void => {
    element("problem").textContent = problem instanceof Error ? problem.message : String(problem);
  };
  const attempt = (work: Promise<void>): void => {
    fail("");
    work.catch(fail);
  };
  const show = (requests: readonly Request[]): void => {
    element("requests").replaceChildren(
      ...requests.map((request) => {
        const item = document.createElement("li");
        item.id = request.number;
        item.append(`${request.number}: ${request.workflow?.stateTitle ?? "no workflow"} `);
        for (const transition of request.workflow?.availableTransitions.filter(canClick) ?? []) {
          const button = document.createElement("button");
          button.textContent = transition.title;
          button.name = transition.name;
          button.onclick = () => attempt(fire(request, transition));
          item.append(button);
        }
        return item;
      }),
    );
  };

  form.onsubmit = (event) => {
    event.preventDefault();
    attempt(weft.session.logIn(credentialsOf(new FormData(form))));
  };
  let isOpen = false;
  const followSession = (): void => {
    const isSignedIn = weft.session.state.status === "signedIn";
    form.hidden = isSignedIn;
    if (isSignedIn === isOpen) return;
    isOpen = isSignedIn;
    if (isOpen) open(show, fail);
    else {
      close();
      show([]);
    }
  };
  weft.session.subscribe(followSession);
  followSession();
}

/** Of a form with the fields `login` and `password`. */
export const credentialsOf = (form: FormData): { login: string; password: string } =>
  Object.fromEntries(form) as { login: string; password: string };

/** Transitions with input need a form, which this page does not draw: see docs/reference/forms.md. */
export const canClick = ({ allowed, inputSchema }: Pick<Transition, "allowed" | "inputSchema">): boolean => allowed && inputSchema === null;

/** Null for transitions that want none. */
export const askForComment = ({ title, requiresComment }: Pick<Transition, "title" | "requiresComment">): string | null =>
  requiresComment ? prompt(`${title}: why?`) : null;
