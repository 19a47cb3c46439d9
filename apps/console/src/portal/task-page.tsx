import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTask } from "@weft/react";
import { useViewer } from "../frame/viewer";
import { TaskPane } from "../inbox/task-pane";
import { Placeholders } from "../parts/placeholders";
import { BackToPortal } from "./back-to-portal";
import { Question } from "./open-tasks";
import "./portal.css";

const route = getRouteApi("/portal/tasks/$id");

/** A task, or a question, that is about no request of the user. */
export function PortalTaskPage() {
  const { id } = route.useParams();
  const viewer = useViewer();
  const navigate = useNavigate();
  const { task, isLoading } = useTask(id);
  const back = (): void => void navigate({ to: "/portal" });
  // The task decides which of two pages is shown: one in place of the other would lose what was typed.
  if (viewer === null || (task === null && isLoading))
    return (
      <div className="portal" data-page="task">
        <Placeholders count={3} />
      </div>
    );
  const isAsked = task?.question?.asked?.id === viewer.id;
  return (
    <div className="portal" data-page="task">
      <BackToPortal />
      {isAsked && task.question ? (
        <>
          <h1>{task.title}</h1>
          <Question
            task={{ id, version: task.version, question: { ...task.question, author: null, asked: { id: viewer.id } } }}
            onDone={back}
          />
        </>
      ) : (
        <TaskPane id={id} title={null} isNext={false} onDone={back} onBack={back} />
      )}
    </div>
  );
}
