"""PyTorch on the CPU: the same network from the same weights, spoken to in JSON lines."""

import ctypes
import json
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

ADAM = dict(lr=1e-4, betas=(0.9, 0.99), eps=1e-5)
NORM_EPS = DICE_SMOOTH = 1e-5
LEVELS = 4


def read_tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def write_tensors(path, tensors):
    header, payloads, offset = {}, [], 0
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        payload = ctypes.string_at(tensor.data_ptr(), 4 * tensor.numel())
        end = offset + len(payload)
        header[name] = dict(dtype="F32", shape=list(tensor.shape), data_offsets=[offset, end])
        payloads.append(payload)
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(payloads))


class UNet:
    """MONAI's UNet(3, 1, 2, (16, 32, 64, 128, 256), (2, 2, 2, 2), num_res_units=2)."""

    def __init__(self, weights):
        self.weights = {name: nn.Parameter(value) for name, value in weights.items()}

    def conv(self, x, name, stride=1):
        weight = self.weights[name + ".weight"]
        padding = weight.shape[-1] // 2
        return F.conv3d(x, weight, self.weights[name + ".bias"], stride, padding)

    def up(self, x, name):
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        return F.conv_transpose3d(x, weight, bias, stride=2, padding=1, output_padding=1)

    def act(self, x, name):
        return F.prelu(F.instance_norm(x, eps=NORM_EPS), self.weights[name + ".adn.A.weight"])

    def encode(self, x, name, stride):
        y = self.act(self.conv(x, name + ".conv.unit0.conv", stride), name + ".conv.unit0")
        y = self.act(self.conv(y, name + ".conv.unit1.conv"), name + ".conv.unit1")
        return y + self.conv(x, name + ".residual", stride)

    def level(self, x, depth, name):
        if depth == LEVELS:
            return self.encode(x, name[:-1], 1)
        features = self.encode(x, name + "0", 2)
        joined = torch.cat([features, self.level(features, depth + 1, name + "1.submodule.")], 1)
        up = self.act(self.up(joined, name + "2.0.conv"), name + "2.0")
        y = self.conv(up, name + "2.1.conv.unit0.conv")
        return (y if depth == 0 else self.act(y, name + "2.1.conv.unit0")) + up

    def __call__(self, x):
        return self.level(x, 0, "model.")


def dice_ce(logits, labels):
    """MONAI's DiceCELoss(to_onehot_y=True, softmax=True)."""
    p = torch.softmax(logits, 1)
    t = F.one_hot(labels[:, 0], p.shape[1]).movedim(-1, 1).to(p.dtype)
    axes = (2, 3, 4)
    intersection, total = (p * t).sum(axes), p.sum(axes) + t.sum(axes)
    dice = 1 - (2 * intersection + DICE_SMOOTH) / (total + DICE_SMOOTH)
    return dice.mean() + F.cross_entropy(logits, labels[:, 0])


class Engine:
    def load(self, folder, size):
        self.model = UNet(read_tensors(folder + "/weights.safetensors"))
        inputs = read_tensors(f"{folder}/inputs_{'x'.join(map(str, size))}.safetensors")
        self.image, self.labels = inputs["image"], inputs["label"].long()
        self.adam = torch.optim.Adam(self.model.weights.values(), **ADAM)

    def forward(self, save):
        with torch.inference_mode():
            logits = self.model(self.image)
        return {"logits": logits} if save else None

    def step(self, save):
        self.adam.zero_grad(set_to_none=True)
        loss = dice_ce(self.model(self.image), self.labels)
        loss.backward()
        results = None
        if save:
            results = {name: weight.grad for name, weight in self.model.weights.items()}
            results["loss"] = loss.reshape(1)
        self.adam.step()
        return results


def answer(engine, request):
    if request["do"] == "hello":
        torch.set_num_threads(request["threads"])
        return {"version": f"PyTorch {torch.__version__}, CPU, {torch.get_num_threads()} threads"}
    if request["do"] == "load":
        engine.load(request["folder"], request["size"])
        return {}
    started = time.perf_counter()
    results = getattr(engine, request["work"])("save" in request)
    ms = 1000 * (time.perf_counter() - started)
    if results:
        write_tensors(request["save"], results)
    return {"ms": ms}


def main():
    engine = Engine()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"ok": answer(engine, request)}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **reply}), flush=True)


main()
