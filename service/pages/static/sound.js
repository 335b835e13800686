// Tones made here, no files: two for a live client, one low one for a lease that ends.
let context = null;
let ringing = 0;

const isOff = () => document.getElementById("desk")?.dataset.sound === "off";

function tone(frequency, after, length) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, context.currentTime + after);
  gain.gain.exponentialRampToValueAtTime(0.25, context.currentTime + after + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + after + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(context.currentTime + after);
  oscillator.stop(context.currentTime + after + length);
}

async function ready() {
  context ||= new AudioContext();
  if (context.state === "suspended") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
  const blocked = context.state !== "running";
  document.getElementById("blocked").hidden = !blocked;
  return !blocked;
}

export async function low() {
  if (!isOff() && (await ready())) tone(330, 0, 0.35);
}

export async function ring() {
  if (isOff()) return;
  stop();
  let left = 10;
  const once = async () => {
    if (await ready()) {
      tone(880, 0, 0.18);
      tone(660, 0.22, 0.18);
    }
    if (--left === 0) stop();
  };
  ringing = setInterval(once, 2000);
  await once();
  document.getElementById("desk").dataset.rang = "yes";
}

export function stop() {
  clearInterval(ringing);
  ringing = 0;
}

export async function tryOut() {
  if (await ready()) {
    tone(880, 0, 0.18);
    tone(660, 0.22, 0.18);
  }
}
