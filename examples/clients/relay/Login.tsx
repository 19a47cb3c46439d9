import { useState } from "react";
import { credentialsOf } from "../shared/page";
import { weft } from "../shared/weft";

export function Login() {
  const [problem, setProblem] = useState("");
  const submit = (form: FormData): void => {
    weft.session.logIn(credentialsOf(form)).catch(({ message }: Error) => setProblem(message));
  };
  return (
    <form id="login" action={submit}>
      <p id="problem" role="alert">
        {problem}
      </p>
      <label>
        Login <input name="login" autoComplete="username" defaultValue="operations@acme.com" />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" />
      </label>
      <button>Log in</button>
    </form>
  );
}
