import { isLoggedIn, onSession } from "./session";
import type { Request, Transition } from "./types";

export interface Credentials {
  readonly login: string;
  readonly password: string;
}

export interface Page {
  readonly logIn: (credentials: Credentials) => Promise<void>;
  /** Loads requests and follows them. Called after a login, and at once when the session of an earlier visit is still there. */
  readonly open: (show: (requests: readonly Request[]) => void, fail: (problem: unknown) => void) => void;
  readonly fire: (request: Request, transition: Transition) => Promise<void>;
  /** Called at the end of the session: ends what `open` began, and forgets what it loaded. */
  readonly close: () => void;
}

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

export function startPage({ logIn, open, fire, close }: Page): void {
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
    attempt(logIn(credentialsOf(new FormData(form))));
  };
  let isOpen = false;
  const followSession = (): void => {
    form.hidden = isLoggedIn();
    if (isLoggedIn() === isOpen) return;
    isOpen = !isOpen;
    if (isOpen) open(show, fail);
    else {
      close();
      show([]);
    }
  };
  onSession(followSession);
  followSession();
}

/** Of a form with the fields `login` and `password`. */
export const credentialsOf = (form: FormData): Credentials => Object.fromEntries(form) as unknown as Credentials;

/** Transitions with input need a form, which this page does not draw: see docs/reference/forms.md. */
export const canClick = ({ allowed, inputSchema }: Pick<Transition, "allowed" | "inputSchema">): boolean => allowed && inputSchema === null;

/** Null for transitions that want none. */
export const askForComment = ({ title, requiresComment }: Pick<Transition, "title" | "requiresComment">): string | null =>
  requiresComment ? prompt(`${title}: why?`) : null;
