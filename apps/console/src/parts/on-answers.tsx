import type { FormController } from "@weft/react";
import { useEffect, useState } from "react";

type Answers = FormController["answers"];

interface OnAnswersProps {
  readonly answers: Answers;
  readonly onChanged: (answers: Answers) => void;
}

/** In a form: tells when the user changes the answers with which it began. */
export function OnAnswers({ answers, onChanged }: OnAnswersProps) {
  const [first] = useState(answers);
  useEffect(() => {
    if (answers !== first) onChanged(answers);
  }, [answers]);
  return null;
}
