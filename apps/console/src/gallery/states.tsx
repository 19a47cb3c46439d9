import { WeftError } from "@weft/client";
import { ErrorMessage } from "@weft/react";
import { useState, type ReactNode } from "react";
import { Message } from "../frame/messages";
import { Changed } from "../parts/changed";
import { Placeholders } from "../parts/placeholders";

const refused = new WeftError({ message: "The due date must be after the start.", extensions: { code: "BAD_USER_INPUT" } });

/** What a page says when it has nothing, not yet, or no more. */
export function States() {
  const [choice, setChoice] = useState<string | null>(null);
  return (
    <div className="gallery-states">
      <State title="Loading: as high as what comes">
        <Placeholders />
      </State>
      <State title="Empty: what this is, and how to begin">
        <Message title="There are no requests">
          <p>When somebody asks for something, it appears here.</p>
        </Message>
      </State>
      <State title="Error: the sentence of the server">
        <ErrorMessage error={refused} />
      </State>
      <State title="Forbidden: which permission is missing">
        <Message title="You cannot see the dashboard: it needs the permission to read the work of others." />
      </State>
      <State title="Conflict: what changed, and whose values stay">
        {choice === null ? (
          <Changed
            changes={[
              { name: "Priority", before: "Normal", now: "High" },
              { name: "Due", before: "May 4, 2027", now: "May 2, 2027" },
            ]}
            labelOf={(name) => name}
            textOf={(_, value) => String(value)}
            onKeep={() => setChoice("Mine stay.")}
            onTake={() => setChoice("Theirs stay.")}
          />
        ) : (
          <p className="notice good">{choice}</p>
        )}
      </State>
      <State title="Done, a warning, a failure">
        <p className="notice good">Approve: done.</p>
        <p className="notice warn">A newer version is available.</p>
        <p className="notice bad">The export has failed. There is no file.</p>
      </State>
    </div>
  );
}

const State = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <div className="card">
    <p className="soft">{title}</p>
    {children}
  </div>
);
