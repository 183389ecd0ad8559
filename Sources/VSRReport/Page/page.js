for (const section of document.querySelectorAll(".comparison")) {
  const frame = section.querySelector(".frame");
  const images = Array.from(frame.querySelectorAll("img"));
  const range = frame.querySelector("input");
  const left = section.querySelector(".left");
  const right = section.querySelector(".right");
  const show = () => {
    images.forEach((image, index) => {
      image.classList.toggle("on-left", index == left.value);
      image.classList.toggle("on-right", index == right.value);
    });
    frame.style.setProperty("--split", range.value + "%");
  };
  for (const control of [range, left, right]) control.addEventListener("input", show);
  show();
}
