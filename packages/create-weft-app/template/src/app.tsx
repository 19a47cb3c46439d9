import { SignedIn, SignedOut, useSession } from "@weft/react";
import { Frame } from "./frame";
import { Inbox } from "./inbox/inbox";
import { TaskPage } from "./inbox/task-page";
import { Login, SecondFactorNeeded } from "./login";
import { NewRequest } from "./requests/new-request";
import { RequestList } from "./requests/request-list";
import { RequestPage } from "./requests/request-page";
import { usePath } from "./router";

export function App() {
  const [screen = "inbox", id, more] = usePath();
  const session = useSession();
  if (session.status === "signedIn" && session.mustEnrolSecondFactor) return <SecondFactorNeeded />;
  return (
    <>
      <SignedOut>
        <Login />
      </SignedOut>
      <SignedIn>
        <Frame screen={screen}>
          {screen === "requests" && id === "new" ? (
            <NewRequest typeKey={more ?? null} />
          ) : screen === "requests" && id ? (
            <RequestPage key={id} id={id} />
          ) : screen === "requests" ? (
            <RequestList />
          ) : screen === "tasks" && id ? (
            <TaskPage key={id} id={id} />
          ) : (
            <Inbox queue={id ?? null} />
          )}
        </Frame>
      </SignedIn>
    </>
  );
}
