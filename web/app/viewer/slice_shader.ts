/**
 * How a slice is drawn: the scan in grey, labels filled, and around each class a line inside its border
 * that is as wide on the screen at every zoom. Takes the place of NiiVue's own fragment shader, whose
 * outlines are black, and keeps the names of its uniforms:
 * `drawing` holds numbers of classes, the last row of `colormap` their colours, `overlayAlphaShader` the opacity of
 * the filling, `drawRimOpacity` that of the line and `overlayOutlineWidth` its width in pixels.
 */
export const SLICE_SHADER = `#version 300 es
precision highp int;
precision highp float;
uniform highp sampler3D volume;
uniform highp sampler3D drawing;
uniform highp sampler2D colormap;
uniform float overlayAlphaShader;
uniform float drawRimOpacity;
uniform float overlayOutlineWidth;
in vec3 texPos;
out vec4 color;

vec4 classColour(float index) {
  float rows = float(textureSize(colormap, 0).y);
  return texture(colormap, vec2((index * 255.0 + 0.5) / 256.0, (rows - 0.5) / rows));
}

bool differs(vec3 at, float index) {
  return abs(texture(drawing, at).r - index) > 0.001;
}

void main() {
  color = vec4(texture(volume, texPos).rgb, 1.0);
  float index = texture(drawing, texPos).r;
  if (index == 0.0) return;
  vec3 across = dFdx(texPos) * overlayOutlineWidth;
  vec3 down = dFdy(texPos) * overlayOutlineWidth;
  vec3 aslant = 0.7 * (across + down);
  vec3 back = 0.7 * (across - down);
  bool isBorder = differs(texPos + across, index) || differs(texPos - across, index)
    || differs(texPos + down, index) || differs(texPos - down, index)
    || differs(texPos + aslant, index) || differs(texPos - aslant, index)
    || differs(texPos + back, index) || differs(texPos - back, index);
  vec4 label = classColour(index);
  color.rgb = mix(color.rgb, label.rgb, label.a * (isBorder ? drawRimOpacity : overlayAlphaShader));
}
`;
