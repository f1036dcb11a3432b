from beras.activations import ReLU, Softmax
from beras.layers import Dense
from beras.losses import CategoricalCrossEntropy
from beras.metrics import CategoricalAccuracy
from beras.model import SequentialModel
from beras.onehot import OneHotEncoder
from beras.optimizers import Adam
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics

def get_model():
    return SequentialModel([Dense(784, 256, 'kaiming'), ReLU(), Dense(256, 10, 'xavier'), Softmax()])

def get_optimizer():
    return Adam(0.002)

def get_loss_fn():
    return CategoricalCrossEntropy()

def get_acc_fn():
    return CategoricalAccuracy()

def main():
    train_inputs, train_labels, test_inputs, test_labels = load_and_preprocess_data()
    encoder = OneHotEncoder()
    encoder.fit(train_labels)
    model = get_model()
    model.compile(optimizer=get_optimizer(), loss_fn=get_loss_fn(), acc_fn=get_acc_fn())
    history = model.fit(train_inputs, encoder(train_labels), epochs=10, batch_size=100)
    print('test:', model.evaluate(test_inputs, encoder(test_labels), batch_size=100))
    visualize_metrics(history)
    visualize_images(model, test_inputs, test_labels)
if __name__ == '__main__':
    main()
