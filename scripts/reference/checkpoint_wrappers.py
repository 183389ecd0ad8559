"""Writes Tests/Fixtures/VSRModelTests: checkpoints of programs around PyTorch, and of old ones.

    python scripts/reference/checkpoint_wrappers.py Tests/Fixtures/VSRModelTests

Needs torch and lightning; those of the fixtures are from torch 2.11.0 and lightning 2.6.6.

  protocol4.pth  the format before 1.6 with pickle's protocol 4; a compiled network in DataParallel
  python2.pth    the same format with protocol 2, in which Python 2 wrote it: texts of bytes,
                 dictionaries as lists of pairs. PyTorch writes it, but on Python 3, which is told
                 to pickle these two as Python 2 did
  lightning.pth  what Lightning's trainer saves after a step: averaged weights, parameters with
                 attributes, a discriminator, objects of all kinds
"""

import argparse
import collections
import copyreg
import pathlib
import pickle
import sys
import types

import lightning
import torch

from checkpoint_network import Network, state


class Python2Pickler(pickle._Pickler):
    dispatch = dict(pickle._Pickler.dispatch)
    dispatch_table = copyreg.dispatch_table | {
        collections.OrderedDict: lambda items: (
            collections.OrderedDict, ([[key, value] for key, value in items.items()],))
    }

    def save_text(self, text):
        data = text.encode()
        self.write(pickle.SHORT_BINSTRING + bytes([len(data)]) + data)
        self.memoize(text)

    dispatch[str] = save_text


def python2_dump(value, file, protocol):
    Python2Pickler(file, protocol).dump(value)


class Training(lightning.LightningModule):
    """A network, its average and a discriminator, of which a step changes nothing."""

    def __init__(self, width, rate):
        super().__init__()
        self.save_hyperparameters()
        self.net = Network(shift=1000)
        self.net.register_buffer("step_counter", torch.tensor(600))
        self.ema_model = torch.nn.Module()
        self.ema_model.net = Network()
        self.discriminator = torch.nn.Module()
        self.discriminator.fc = torch.nn.Linear(2, 1)

    def training_step(self, batch, index):
        return self.discriminator.fc(batch).sum()

    def configure_optimizers(self):
        return torch.optim.Adam(self.discriminator.parameters(), lr=0.0)

    def on_save_checkpoint(self, checkpoint):
        """Parameters as such, where state_dict() has tensors; attributes are pickled too."""
        parameters = self.state_dict(keep_vars=True)
        for name, parameter in parameters.items():
            if name.startswith("ema_model."):
                parameter.tag = name
        name = "ema_model.net.fusion.weight"
        parameters[name] = parameters[name].detach()
        parameters[name].note = 1.5
        checkpoint["state_dict"] = parameters
        checkpoint["notes"] = {
            "options": argparse.Namespace(rate=2e-4, tags=frozenset({"a", "b"})),
            "paths": collections.defaultdict(list, {"best": [pathlib.PurePosixPath("x")]}),
            "all": (1, 2.5, b"bytes", 2**70, None, True),
        }


def save_lightning(path):
    data = torch.utils.data.DataLoader(torch.ones(1, 2))
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
        callbacks=[lightning.pytorch.callbacks.EarlyStopping("loss", strict=False)])
    trainer.fit(Training(width=3, rate=2e-4), data)
    trainer.save_checkpoint(path)


def main():
    folder = pathlib.Path(sys.argv[1])
    network = torch.nn.DataParallel(torch.compile(Network()))
    torch.save(
        {"epoch": 3, "model_state_dict": network.state_dict()}, folder / "protocol4.pth",
        pickle_protocol=4, _use_new_zipfile_serialization=False)
    python2 = types.SimpleNamespace(
        __name__="pickle", Pickler=Python2Pickler, dump=python2_dump, __version__="2")
    torch.save(
        {"state": {"net_g": state()}}, folder / "python2.pth", pickle_module=python2,
        pickle_protocol=2, _use_new_zipfile_serialization=False)
    save_lightning(folder / "lightning.pth")


main()
