# SPDX-License-Identifier: Apache-2.0
"""Training on the simulated card: the weights of the fast model, and every cycle in a phase."""

from weft_command import DEVICE, CommandTest, main


class TrainCard(CommandTest):
    def test_digits_train_to_the_weights_of_the_fast_model(self):
        card = self.json_of("train", "digits", "--device", DEVICE)
        model = self.json_of("train", "digits", "--device", "fast:")
        self.assertGreaterEqual(card["test_accuracy"], 0.96)
        for key in ("weights_hash", "test_accuracy", "loss_history"):
            self.assertEqual(card[key], model[key], key)
        self.assertEqual(card["profiled_steps"], card["epochs"])
        for name in ("forward", "dgrad", "wgrad"):
            phase = card["phases"][name]
            self.assertGreater(phase["cycles"], 0)
            self.assertGreater(phase["utilisation"], 0)
            self.assertLess(phase["utilisation"], 1)
        self.assertGreater(card["phases"]["optimizer"]["cycles"], 0)
        self.assertGreater(card["cycles"], 0)
        # A step phase by phase costs a little more than in one launch, never less.
        profiled = sum(phase["cycles"] for phase in card["phases"].values())
        self.assertGreaterEqual(
            profiled / card["profiled_steps"], 0.98 * card["cycles"] / card["steps"]
        )


if __name__ == "__main__":
    main()
