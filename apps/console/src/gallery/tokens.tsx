/** Colors of tokens.css. Each text color stands on the backgrounds that it is used on. */
const texts = ["--ink", "--soft", "--accent", "--good", "--warn", "--bad"] as const;
const backgrounds = ["--paper", "--raised", "--sunken"] as const;
const washes = [
  ["--accent", "--accent-wash"],
  ["--good", "--good-wash"],
  ["--warn", "--warn-wash"],
  ["--bad", "--bad-wash"],
] as const;

export const Tokens = () => (
  <ul className="gallery-tokens">
    {backgrounds.map((background) => (
      <li key={background} style={{ background: `var(${background})` }}>
        <code>{background}</code>
        {texts.map((text) => (
          <span key={text} style={{ color: `var(${text})` }}>
            {text}
          </span>
        ))}
      </li>
    ))}
    {washes.map(([text, wash]) => (
      <li key={wash} style={{ background: `var(${wash})`, color: `var(${text})` }}>
        <code>{wash}</code>
        {text}
      </li>
    ))}
  </ul>
);
