import { expect, test } from "vitest";
import { splitCommand } from "./command.js";

const split = (command: string, texts: readonly string[] = []) => splitCommand(command, (expression) => texts.includes(expression));

test.each([
  ["npm test", ["npm", "test"]],
  ["  npm   test\n", ["npm", "test"]],
  ["echo 'Hello  you' \"and me\"", ["echo", "Hello  you", "and me"]],
  [`echo a\\ b "a \\"quoted\\" word" 'single "double"'`, ["echo", "a b", 'a "quoted" word', 'single "double"']],
  ["git log --format='%H %s' HEAD~1", ["git", "log", "--format=%H %s", "HEAD~1"]],
  ["echo ''", ["echo", ""]],
  ["echo '$HOME' '*' '&&' \\$HOME \\*", ["echo", "$HOME", "*", "&&", "$HOME", "*"]],
  ["make CC=gcc all", ["make", "CC=gcc", "all"]],
  ["npm test \\\n  -- --ci", ["npm", "test", "--", "--ci"]],
  ["echo Übergröße 🎉", ["echo", "Übergröße", "🎉"]],
])("%j becomes the words %j", (command, words) => {
  expect(split(command)).toEqual({ ok: true, words });
});

test("an expression is part of one word, whatever is around it", () => {
  expect(split("kubectl apply -f k8s/{{ inputs.environment }}/ --set 'a={{ inputs.a }} {{inputs.b}}'")).toEqual({
    ok: true,
    words: ["kubectl", "apply", "-f", "k8s/{{ inputs.environment }}/", "--set", "a={{ inputs.a }} {{ inputs.b }}"],
  });
});

test("an expression can contain quotes, operators and blanks", () => {
  expect(split(`echo {{ inputs.a == "x y" ? 'a && b' : '}}' }}!`)).toEqual({
    ok: true,
    words: ["echo", `{{ inputs.a == "x y" ? 'a && b' : '}}' }}!`],
  });
});

test("an expression that is a word of its own becomes text, unless it certainly is", () => {
  expect(split("head -n {{ inputs.lines }} {{ inputs.file }}", ["inputs.file"])).toEqual({
    ok: true,
    words: ["head", "-n", '{{ "" }}{{ inputs.lines }}', "{{ inputs.file }}"],
  });
});

test.each(["cd build", "source .env", ". .env", "export CI", "exit 0", "set -e", "'cd' build"])(
  "%j is refused, because the shell itself would run it",
  (command) => {
    expect(split(command)).toMatchObject({ ok: false, message: expect.stringContaining("is a command of the shell") as unknown });
  },
);

test("a path of a program can have the name of one of the shell", () => {
  expect(split("./read a")).toEqual({ ok: true, words: ["./read", "a"] });
});

test("braces that are no expression stay what they are", () => {
  expect(split(`echo '{'"{ x }}" '{'{{ inputs.a }}`)).toEqual({ ok: true, words: ["echo", '{{ "{" }}{ x }}', '{{ "{" }}{{ inputs.a }}'] });
});

test.each([
  ["npm test && npm run build", "&&"],
  ["npm test || true", "||"],
  ["cat a | wc -l", "|"],
  ["cat a |& wc -l", "|&"],
  ["npm start &", "&"],
  ["npm test; npm run build", "npm run build"],
  ["npm test\nnpm run build", "npm run build"],
  ["echo a > b", ">"],
  ["echo a >> b", ">>"],
  ["echo a 2>&1", ">&"],
  ["wc -l < a", "<"],
  ["cat <<< a", "<<<"],
  ["cat << E\na\nE\n", "<<"],
  ["diff <(ls a) <(ls b)", "<(ls a)"],
  ["echo $(id)", "$(id)"],
  ['echo "it is $(id)"', "$(id)"],
  ["echo `id`", "`id`"],
  ["echo $HOME", "$HOME"],
  ['echo "'.concat("${HOME", '}/x"'), "$".concat("{HOME}")],
  ["echo $((1 + 2))", "$((1 + 2))"],
  ["echo $'a\\n'", "$'a\\n'"],
  ["ls *.ts", "*"],
  ["ls a?", "?"],
  ["ls [ab]", "[ab]"],
  ["echo {a,b}", "{a,b}"],
  ["ls ~/x", "~"],
  ["NODE_ENV=test npm test", "NODE_ENV=test"],
  ["export A=b", "A=b"],
  ["! npm test", "!"],
  ["time npm test", "time"],
  ["if true; then npm test; fi", "if"],
  ["for a in b; do echo a; done", "for"],
  ["while true; do echo a; done", "while"],
  ["case a in a) echo;; esac", "case"],
  ["(npm test)", "( )"],
  ["{ npm test; }", "{ }"],
  ["[[ -f a ]]", "[[ ]]"],
  ["((1))", "(( ))"],
  ["f() { echo; }", "function"],
  ["(npm test) > a", ">"],
])("%j is refused because of %j", (command, named) => {
  const result = split(command);
  expect(result).toEqual({ ok: false, message: expect.stringContaining(JSON.stringify(named)) as string });
});

test("what is refused is quoted with its expressions as they were written", () => {
  expect(split("echo $(cat {{ inputs.file }})")).toEqual({
    ok: false,
    message: expect.stringContaining('"$(cat {{ inputs.file }})"') as string,
  });
});

test.each([
  ["", "empty"],
  ["  ", "empty"],
  ["# nothing", "empty"],
  ["echo 'open", "cannot be read"],
  ['echo "open', "cannot be read"],
  ["echo {{ inputs.a", 'A "{{" is not closed'],
  ["echo \uE000", "private use"],
  [`echo ${"a".repeat(10_000)}`, "8192"],
])("%j is refused, because it is %s", (command, why) => {
  expect(split(command)).toEqual({ ok: false, message: expect.stringContaining(why) as string });
});

test("hostile commands take little time", () => {
  const began = performance.now();
  for (const part of ["$(", "`", '"', "'", "{", "((", "\\", "<(", "{{ a }}", "${a:-", "case a in a)"])
    splitCommand(part.repeat(Math.floor(8_000 / part.length)), () => false);
  expect(performance.now() - began).toBeLessThan(2000);
});
